// Asks the server at each URL everything that GraphQL over HTTP wants of it. A line is {"url": "...", "headers": {...}}.
import { serverAudits } from 'graphql-http';
import { createInterface } from 'node:readline';

for await (const line of createInterface({ input: process.stdin })) {
  const { url, headers } = JSON.parse(line);
  const fetchFn = (target, init = {}) => fetch(target, { ...init, headers: { ...headers, ...init.headers } });
  const results = [];
  for (const audit of serverAudits({ url, fetchFn })) {
    const { status, reason } = await audit.fn();
    results.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
  }
  console.log(JSON.stringify(results));
}
