// Reads a JSON array of {"language": "logql" | "traceql", "text": ...} from standard input, and answers with an array of
// the places at which Grafana's grammar of that language finds each wrong: [[from, to], ...], none where it parses.
import {parser as logql} from "@grafana/lezer-logql";
import {parser as traceql} from "@grafana/lezer-traceql";

const parsers = {logql, traceql};
let text = "";
for await (const piece of process.stdin) text += piece;
const answers = JSON.parse(text).map((query) => {
    const wrong = [];
    const tree = parsers[query.language].parse(query.text);
    tree.iterate({enter: (node) => { if (node.type.isError) wrong.push([node.from, node.to]); }});
    return tree.length === query.text.length ? wrong : [...wrong, [tree.length, query.text.length]];
});
console.log(JSON.stringify(answers));
