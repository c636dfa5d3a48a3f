// Answers operations with Apollo's gateway: {"question", "sdl", "query", "variables"} a line, "question" a number.
// Whatever the gateway asks subgraphs is a line {"question", "number", "subgraph", "body"}, which a line {"number",
// "status", "headers", "body"} or {"number", "failure"} answers, bodies in base64. In the end comes a line {"question",
// "plan", "response"}, or {"question", "thrown"} if there is none.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { parse } from "graphql";

const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const waiting = new Map();
let sdl, gateway, executor, plan, current, numbers = 0;

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fetchFrom(subgraph) {
  return async (_, { body }) => {
    const number = numbers++;
    const question = current;
    const answer = new Promise((resolve) => waiting.set(number, resolve));
    say({ question, number, subgraph, body: Buffer.from(body).toString("base64") });
    const { failure, status, headers, body: encoded } = await answer;
    if (failure !== undefined) throw new Error(failure);
    return new Response(Buffer.from(encoded, "base64"), { status, headers });
  };
}

async function load(text) {
  await gateway?.stop();
  gateway = new ApolloGateway({
    logger,
    supergraphSdl: text,
    buildService: ({ name, url }) => new RemoteGraphQLDataSource({ url, fetcher: fetchFrom(name) }),
    experimental_didResolveQueryPlan: ({ queryPlan }) => { plan = queryPlan; },
  });
  ({ executor } = await gateway.load());
}

async function answer(question) {
  plan = undefined;
  current = question.question;
  try {
    if (question.sdl !== sdl) {
      sdl = question.sdl;
      await load(sdl);
    }
    const response = await executor({
      logger,
      document: parse(question.query),
      queryHash: createHash("sha256").update(question.query).digest("hex"),
      request: { query: question.query, variables: question.variables },
      context: {},
      metrics: {},
      cache: new Map(),
    });
    say({ question: question.question, plan, response });
  } catch (error) {
    say({ question: question.question, plan, thrown: String(error.message) });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.number === undefined) {
    answer(message);
  } else {
    waiting.get(message.number)(message);
    waiting.delete(message.number);
  }
}
