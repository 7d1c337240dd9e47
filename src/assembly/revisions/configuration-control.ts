import type {
  ConfigurationControl,
  ConfigurationState,
  JudgeOptions,
  SecretChange,
} from "../../admin/revisions/configuration-control.ts";
import { maskedLines } from "../../config/masking.ts";
import type { Problem } from "../../config/problem.ts";
import { placedProblems } from "../../config/report.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { builtInSchema, processSettings, storedText } from "../configuration/process-settings.ts";
import type { ProviderSecrets } from "../configuration/provider-secrets.ts";
import { remoteFindings } from "./remote-rules.ts";
import type { RevisionParts } from "./running-configuration.ts";

/** What a text is called that is no revision yet. */
const LABEL = "configuration";

/** What runs, as far as administration has to know it. */
interface RunningState {
  state(): Promise<ConfigurationState>;
  /** What changes over the network are compared with. */
  settings(): Settings | undefined;
}

/** The configuration as administration handles it, in this process. */
export function configurationControl(
  { revisions, secrets }: RevisionParts,
  running: RunningState,
): ConfigurationControl {
  return {
    revisions,
    secrets,
    state: () => running.state(),
    judge: async (text, options) => {
      const { secrets: stored } = secrets.opened(await secrets.list());
      return judge(text, options, stored, running.settings());
    },
    originOf: (provider) => {
      const found = running.settings()?.providers.find(({ id }) => id === provider);
      return found && new URL(found.baseUrl).origin;
    },
    compared: (text) => ({ lines: text.split("\n"), shown: maskedLines(text, builtInSchema()) }),
  };
}

function judge(
  text: string,
  { isRemote, secret }: JudgeOptions,
  stored: ProviderSecrets,
  running: Settings | undefined,
): readonly Problem[] {
  const judged = processSettings({
    text: storedText(text, LABEL),
    secrets: secret === undefined ? stored : withChange(stored, secret),
  });
  if ("problems" in judged) return judged.problems;
  if (!isRemote || running === undefined) return [];
  return placedProblems(LABEL, text, remoteFindings(running, judged.settings));
}

function withChange(stored: ProviderSecrets, { provider, origin, secret }: SecretChange): ProviderSecrets {
  const others = [...(stored.get(provider) ?? [])].filter(([known]) => known !== origin);
  const entered: (readonly [string, string])[] = secret === undefined ? [] : [[origin, secret]];
  return new Map([...stored, [provider, new Map([...others, ...entered])]]);
}
