import type { Provider } from "../../model/provider.ts";
import { answer } from "./answer.ts";

/**
 * Answers by itself, inside this process, in OpenAI's chat dialect: so that a first call works with no account, and
 * so that an installation can be tried without spending anything. Every answer says that no model was called.
 */
export const demo: Provider = Object.freeze({
  id: "demo",
  title: "Gatehouse demo (no model behind it)",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "http://demo.invalid/v1",
  authentication: { scheme: "none" },
  keyVariables: [],
  models: ["demo"],
  defaultModel: "demo",
  local: answer,
} satisfies Provider);
