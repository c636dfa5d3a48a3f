// Filters federations with The Guild's contracts: {subgraphs, include, exclude, hideUnreachableTypes} a line, the outcome a line.
import { createInterface } from "node:readline";
import { composeSchemaContract } from "@theguild/federation-composition";
import { parse } from "graphql";

function filter({ subgraphs, include, exclude, hideUnreachableTypes }) {
  try {
    const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) }));
    const tags = { include: new Set(include), exclude: new Set(exclude) };
    const { errors, publicSdl } = composeSchemaContract(services, tags, hideUnreachableTypes);
    return { codes: (errors ?? []).map((error) => error.extensions.code), apiSdl: publicSdl ?? null };
  } catch (error) {
    return { thrown: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(filter(JSON.parse(line))));
}
