# The program in a folder of its own, with what it loads and the Arrow it links, so that neither clone nor build/env
# is needed: cmake --install build/release --component program --prefix /opt/tristrata
set_target_properties(tristrata_cli tristrata_s3 PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS tristrata_cli RUNTIME DESTINATION bin COMPONENT program)
install(TARGETS tristrata_http_client tristrata_http_listener tristrata_otlp tristrata_s3
        LIBRARY DESTINATION lib COMPONENT program)
foreach(_library IN ITEMS arrow arrow_s3 parquet)
  install(FILES "$<TARGET_PROPERTY:pyarrow::${_library},IMPORTED_LOCATION>" DESTINATION lib COMPONENT program)
endforeach()
install(FILES LICENSE NOTICE DESTINATION share/doc/tristrata COMPONENT program)
# Arrow's own licence, from beside the wheel's package.
file(STRINGS requirements.txt _pinned REGEX "^pyarrow==")
string(REGEX MATCH "[0-9.]+" _pinned "${_pinned}")
install(DIRECTORY "${PYARROW_DIR}/../pyarrow-${_pinned}.dist-info/licenses/" DESTINATION share/doc/arrow
        COMPONENT program)
