import type { ParsedRequest } from "./http-parser.ts";
import { planResponse, type ResponsePlan } from "./plan.ts";
import { DEFAULT_SCENARIO_NAME, type Scenario } from "./scenario.ts";

/** The scenarios by name, each made ready once, for whole and for streamed answers. */
export class ScenarioTable {
  readonly #folders: readonly string[];
  readonly #entries = new Map<string, Entry>();

  constructor(folders: readonly string[]) {
    this.#folders = folders;
    this.clear();
  }

  /** A list is worked off call by call; its last scenario answers all calls after it. */
  register(name: string, scenarios: Scenario | readonly Scenario[]): void {
    const list = [scenarios].flat();
    if (list.length === 0) throw new Error(`no scenario for "${name}"`);
    const steps = list.map((scenario): Step => {
      const stream = planResponse(scenario, true, this.#folders);
      const asked = scenario.body === undefined || scenario.body.kind === "as-asked";
      return { stream, whole: asked ? planResponse(scenario, false, this.#folders) : stream };
    });
    this.#entries.set(name, { steps, calls: 0 });
  }

  clear(): void {
    this.#entries.clear();
    this.register(DEFAULT_SCENARIO_NAME, {});
  }

  /** By the model's name in the body, else by path without query, else the default. */
  find(request: ParsedRequest): { readonly name: string; readonly plan: ResponsePlan } {
    const { model, stream } = asked(request.body);
    const path = request.path.split("?", 1)[0] ?? "";
    const name =
      [model, path].find((key) => key !== undefined && this.#entries.has(key)) ?? DEFAULT_SCENARIO_NAME;
    const entry = this.#entries.get(name);
    const step = entry?.steps[Math.min(entry.calls, entry.steps.length - 1)];
    if (entry === undefined || step === undefined) throw new Error(`no scenario "${name}"`);
    entry.calls += 1;
    return { name, plan: stream ? step.stream : step.whole };
  }
}

interface Entry {
  readonly steps: readonly Step[];
  calls: number;
}

interface Step {
  readonly whole: ResponsePlan;
  readonly stream: ResponsePlan;
}

function asked(body: Buffer): { readonly model: string | undefined; readonly stream: boolean } {
  try {
    const value: { model?: unknown; stream?: unknown } | null = JSON.parse(body.toString());
    return {
      model: typeof value?.model === "string" ? value.model : undefined,
      stream: value?.stream === true,
    };
  } catch {
    return { model: undefined, stream: false }; // multipart and other bodies are found by path
  }
}
