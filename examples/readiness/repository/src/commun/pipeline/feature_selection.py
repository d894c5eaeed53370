METHOD = "mutual_info"
