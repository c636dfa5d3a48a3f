// Compares schemas with GraphQL Inspector: {old, new} as SDL a line, its changes a line.
import { createInterface } from "node:readline";
import { diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

function build(sdl) {
  return buildSchema(sdl, { assumeValid: true, assumeValidSDL: true });
}

for await (const line of createInterface({ input: process.stdin })) {
  const pair = JSON.parse(line);
  const changes = await diff(build(pair.old), build(pair.new));
  console.log(
    JSON.stringify(changes.map(({ type, path, criticality }) => ({ type, path, level: criticality.level }))),
  );
}
