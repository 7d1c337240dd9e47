import { type AdminResource, administer, type Download } from "../assembly/administration.ts";
import { dataFolder } from "./data-folder.ts";

/** Writes a table to standard output, part by part. */
export function exportTable(
  resource: AdminResource<unknown, unknown, unknown, Download>,
  query: { readonly [name: string]: string | number | undefined },
): Promise<void> {
  return administer(dataFolder(), async (run) => {
    const { parts } = await run(resource, { query });
    for await (const bytes of parts) await Bun.write(Bun.stdout, bytes);
  });
}
