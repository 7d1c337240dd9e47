import type { Conversation } from "../../model/conversation.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { FreeFormTool, FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";
import type { Bounds } from "./bounds.ts";
import { dropLacking, type MemberRule } from "./drop-lacking.ts";
import type { Losses } from "./losses.ts";

const FUNCTION_RULES: readonly MemberRule<FunctionTool>[] = [
  { member: "strict", feature: "strict-tools", harmless: false },
  { member: "cache", feature: "cache-marker" },
];

type Tooling = Pick<Conversation, "tools" | "toolChoice">;

/**
 * The tools that the provider can be told of, and which of them must be called. Throws `cannot_translate` where it has
 * none at all: a model that can't act gives another answer than the one that was asked for.
 */
export function fitTools(
  { tools, toolChoice, messages }: Tooling & Pick<Conversation, "messages">,
  bounds: Bounds,
  losses: Losses,
): Tooling {
  const needsTools = tools.length > 0 || messages.some(({ role }) => role === "tool");
  if (needsTools && bounds.lacks.has("tools")) throw withoutTools();
  const fitting = tools.flatMap((tool) => fitTool(tool, bounds, losses));
  if (toolChoice?.kind !== "allowed" || isTaken("allowed", bounds)) {
    return fitChoice(toolChoice, fitting, bounds, losses);
  }
  // A model that is told of no other tools can call no others: nothing is lost but the provider's cache of the prompt.
  const kept = only(toolChoice.names, fitting);
  return fitChoice({ kind: toolChoice.mode }, kept, bounds, losses);
}

/** Providers refuse a choice among no tools. */
function fitChoice(
  choice: ToolChoice | undefined,
  tools: readonly Tool[],
  bounds: Bounds,
  losses: Losses,
): Tooling {
  if (choice === undefined || tools.length === 0) return { tools };
  if (isTaken(choice.kind, bounds)) return { tools, toolChoice: choice };
  const isNamed = choice.kind === "tool";
  if (isNamed && isTaken("required", bounds)) {
    return { tools: only([choice.name], tools), toolChoice: { kind: "required" } };
  }
  if (choice.kind === "none") return { tools: [] };
  if (choice.kind !== "auto") losses.add("tool-choice", "left out: the model chooses");
  return { tools };
}

function isTaken(kind: ToolChoice["kind"], { lacks, toolChoices }: Bounds): boolean {
  if (lacks.has("tool-choice") && kind !== "auto") return false;
  if (kind === "allowed" && lacks.has("allowed-tools")) return false;
  return toolChoices === undefined || toolChoices.includes(kind);
}

function only(names: readonly string[], tools: readonly Tool[]): readonly Tool[] {
  return tools.filter((tool) => tool.kind === "vendor" || names.includes(tool.name));
}

function withoutTools(): GatewayError {
  return new GatewayError("cannot_translate", {
    message: "The provider of this model takes no tools.",
    field: "tools",
  });
}

function fitTool(tool: Tool, bounds: Bounds, losses: Losses): readonly Tool[] {
  switch (tool.kind) {
    case "function":
      return [dropLacking(withoutForeignExtension(tool, bounds, losses), FUNCTION_RULES, bounds, losses)];
    case "free-form":
      return [bounds.lacks.has("free-form-tools") ? asFunction(tool, losses) : tool];
    case "vendor": {
      if (tool.dialect === bounds.dialect) return [tool];
      const { type } = tool.value;
      losses.add("vendor-tools", "left out", typeof type === "string" ? `tools (${type})` : undefined);
      return [];
    }
  }
}

function withoutForeignExtension(tool: FunctionTool, { dialect }: Bounds, losses: Losses): FunctionTool {
  const { extension, ...rest } = tool;
  if (extension === undefined || extension.dialect === dialect) return tool;
  for (const name of Object.keys(extension.members)) losses.add("extension", "left out", `tools[].${name}`);
  return rest;
}

/** The one argument of a free-form tool where only functions are known. */
export const FREE_FORM_ARGUMENT = "input";

/** Its input becomes a function's one argument; the client is given its input again (free-form-calls.ts). */
function asFunction({ name, description, format }: FreeFormTool, losses: Losses): FunctionTool {
  if (format !== undefined && format["type"] !== "text")
    losses.add("free-form-tools", "its grammar became part of the description", `tools (${name}).format`);
  const grammar =
    format === undefined || format["type"] === "text"
      ? ""
      : `\n\nThe input must have this form: ${JSON.stringify(format)}`;
  return {
    kind: "function",
    name,
    description: `${description ?? ""}${grammar}`,
    parameters: {
      type: "object",
      properties: {
        [FREE_FORM_ARGUMENT]: { type: "string", description: "The tool's input, as plain text" },
      },
      required: [FREE_FORM_ARGUMENT],
      additionalProperties: false,
    },
  };
}
