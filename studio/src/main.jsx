import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';

import './studio.css';

// Answered by the products subgraph for anybody; the comment shows the way to the rest.
const FIRST_QUERY = `# The apps that match a search. Log in for more:
#   mutation { login(input: { email: "demo@marketplace.test", password: "demo-password-1" }) { ... } }
# and put the token into the Headers tab: { "Authorization": "Bearer <accessToken>" }
query Search {
  products(first: 5, filter: { search: "editor" }) {
    totalCount
    nodes {
      name
      price {
        amount
        currency
      }
    }
  }
}
`;

const fetcher = createGraphiQLFetcher({ url: window.location.pathname });

createRoot(document.getElementById('studio')).render(
  <GraphiQL
    fetcher={fetcher}
    initialQuery={FIRST_QUERY}
    defaultQuery={FIRST_QUERY}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
  />,
);
