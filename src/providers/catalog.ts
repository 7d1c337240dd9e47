import type { Provider } from "../model/provider.ts";
import { demo } from "./demo/demo.ts";
import { google } from "./google.ts";
import { groq } from "./groq.ts";
import { openai } from "./openai.ts";

/** Every provider that Gatehouse knows by name. A new one adds its file and its line here. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [openai, google, groq, demo].map((provider) => [provider.id, provider]),
);
