import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Administer, administration } from "../admin/administration.ts";
import { metric, type Told } from "../gateway/numbered-calls.ts";
import { type GatewayProcess, waitUntil } from "../process/gateway-process.ts";

/** A running gateway whose configuration is changed. */
export interface LiveGateway {
  readonly gateway: GatewayProcess;
  readonly administer: Administer;
  /** Replaces the configuration file, as an editor does. */
  write(text: string): void;
  /** Replaces it and waits until that is in force; gives the revision. */
  writeAndWait(text: string): Promise<number>;
  revision(): Promise<number>;
}

export function liveGateway(gateway: GatewayProcess): LiveGateway {
  const file = join(gateway.dataFolder, "gatehouse.yaml");
  const administer = administration(gateway);
  const revision = async (): Promise<number> =>
    (await metric(gateway, "gatehouse_configuration_revision")) ?? 0;
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  return {
    gateway,
    administer,
    write,
    revision,
    async writeAndWait(text) {
      const before = await revision();
      write(text);
      await waitUntil(async () => (await revision()) > before, 10_000, "the new revision");
      return revision();
    },
  };
}

/** Calls without end, whole ones and streams by turns. */
export interface Load {
  made(): number;
  /** Ends it; gives what every call that failed was told. */
  stop(): Promise<readonly Told[]>;
}

/** A call that ended as it should. */
export function isWell({ status, isWhole, text }: Told, stream: boolean): boolean {
  return status === 200 && isWhole && (!stream || text.endsWith("data: [DONE]\n\n"));
}

/** Starts so many clients, each of which calls again as soon as it was answered. */
export function startLoad(gateway: GatewayProcess, model: string, clients: number): Load {
  const failed: Told[] = [];
  let made = 0;
  let isOver = false;
  const client = async (index: number): Promise<void> => {
    while (!isOver) {
      const stream = (index + made) % 2 === 0;
      const told = await call(gateway, model, stream);
      made++;
      if (!isWell(told, stream)) failed.push(told);
      await Bun.sleep(5);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return {
    made: () => made,
    async stop() {
      isOver = true;
      await running;
      return failed;
    },
  };
}

/** One call by a model's whole name. Never throws. */
export async function call(gateway: GatewayProcess, model: string, stream = false): Promise<Told> {
  const { url, virtualKey } = gateway;
  try {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${virtualKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "hello" }] }),
    });
    return { status: answer.status, text: await answer.text(), isWhole: true };
  } catch (thrown) {
    return { status: 0, text: String(thrown), isWhole: false };
  }
}
