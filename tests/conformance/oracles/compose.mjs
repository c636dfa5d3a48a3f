// Composes with @apollo/composition: a JSON object of SDL by subgraph name a line, its verdict a line.
import { createInterface } from "node:readline";
import { composeServices } from "@apollo/composition";
import { parse, printSchema } from "graphql";

function judge(subgraphs) {
  try {
    const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) }));
    const { errors, schema, supergraphSdl, hints } = composeServices(services);
    if (errors?.length) {
      return { codes: errors.map((error) => error.extensions?.code ?? "NONE"), messages: errors.map((error) => error.message) };
    }
    const apiSdl = printSchema(schema.toAPISchema().toGraphQLJSSchema());
    return { codes: [], supergraphSdl, apiSdl, hints: hints.map((hint) => hint.definition.code) };
  } catch (error) {
    return { thrown: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(judge(JSON.parse(line))));
}
