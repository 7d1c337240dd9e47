import type { Database } from "bun:sqlite";

/**
 * Takes over what a version noted that knew a stored response's provider and credential alone: the next turn goes there
 * still, and no other project's does.
 */
export function takeOverEarlierResponses(database: Database): void {
  const earlier = database.query("select 1 from sqlite_schema where type = 'table' and name = 'responses'");
  if (earlier.get() === null) return;
  const takeOver = database.transaction(() => {
    database.run(`insert into stored_responses (project, id, provider, credential, route, model, noted_at_ms)
      select project, id, provider, credential, '', '', noted_at_ms from responses order by number
      on conflict (id, project) do nothing`);
    database.run("drop table responses");
  });
  takeOver.immediate();
}
