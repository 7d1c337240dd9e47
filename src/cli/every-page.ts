import type { AdminResource, RunOperation } from "../assembly/administration.ts";

interface Page<Entry> {
  readonly data: readonly Entry[];
  readonly next_cursor: string | null;
}

const PAGE = 200;

/** A whole list, however many pages it has, or so many of its entries. */
export async function everyPage<Entry>(
  run: RunOperation,
  resource: AdminResource<unknown, unknown, unknown, Page<Entry>>,
  query: { readonly [name: string]: string | number | undefined } = {},
  most = Number.POSITIVE_INFINITY,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, most - entries.length);
    const { data, next_cursor } = await run(resource, { query: { ...query, limit, cursor } });
    entries.push(...data);
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined && entries.length < most);
  return entries;
}
