import com.structurizr.dsl.StructurizrDslParser;
import com.structurizr.dsl.StructurizrDslParserException;
import com.structurizr.util.WorkspaceUtils;
import java.io.File;

/** Reads each workspace by Structurizr's own parser. A line a file: "read" and its JSON, or "refused" and why. */
public class Parse {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            StructurizrDslParser parser = new StructurizrDslParser();
            try {
                parser.parse(new File(file));
                System.out.println("read " + WorkspaceUtils.toJson(parser.getWorkspace(), false));
            } catch (StructurizrDslParserException refused) {
                System.out.println("refused " + refused.getMessage().replace('\n', ' '));
            }
        }
    }
}
