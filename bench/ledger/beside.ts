// What goes on beside the calls, in a process of its own: `bun bench/ledger/beside.ts WHAT URL ADMIN_KEY`.

const QUERIES = [
  "usage?by=day",
  "usage?by=project,key,day",
  "usage?by=key,target,hour",
  "usage?by=end_user",
  "requests?limit=50",
  "requests?end_user=nobody",
  "requests?outcome=failed",
];

const [, , what, url, adminKey = ""] = process.argv;

async function get(path: string): Promise<Response> {
  const answer = await fetch(`${url}/admin/v1/${path}`, { headers: { authorization: `Bearer ${adminKey}` } });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const WORK: { readonly [What in Beside]: () => Promise<unknown> } = {
  questions: async () => {
    for (const query of QUERIES) await (await get(query)).text();
  },
  export: async () => {
    for await (const _ of (await get("attempts/export")).body ?? []);
  },
  neighbour: async () => {
    const untilMs = performance.now() + 100;
    while (performance.now() < untilMs);
  },
};

/** Questions without a pause; a whole export after the other; nothing of the gateway's, but a core kept as busy. */
export type Beside = "questions" | "export" | "neighbour";

if (import.meta.main) {
  const work = WORK[what as Beside];
  for (;;) await work();
}
