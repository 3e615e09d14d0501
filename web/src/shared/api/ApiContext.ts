// Hands the API to components, so that a test can point a whole page at a server of its own.
import { createContext, useContext } from "react";

import type { Api } from "./client.ts";

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error("useApi needs an ApiContext around it");
  return api;
}
