// Answers expressions, one JSON line each, with what feelin makes of them.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const load = createRequire(`${process.argv[2]}/package.json`);
const { evaluate } = await import(pathToFileURL(load.resolve("feelin")));

const answer = ({ text, variables }) => {
  try {
    const result = evaluate(text, variables);
    return { value: result?.warnings ? result.value : result };
  } catch (error) {
    return { error: String(error) };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line)), (_, value) => value ?? null));
}
