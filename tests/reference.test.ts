import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resources } from "../src/assembly/administration.ts";
import { ERRORS, type ErrorEntry, type ErrorSource } from "../src/model/error-table.ts";

const ERRORS_PAGE = join(import.meta.dir, "../docs/reference/errors.md");

/** Who must act, in words. */
const WHO: { readonly [Source in ErrorSource]: string } = {
  caller: "the caller",
  policy: "whoever set the policy",
  upstream: "the provider",
  gateway: "the operator",
};

/** `UPDATE_REFERENCE=1 bun test tests/reference.test.ts` writes the page anew. */
test("docs/reference/errors.md lists exactly the errors of the table", () => {
  if (process.env["UPDATE_REFERENCE"] === "1") writeFileSync(ERRORS_PAGE, errorsPage());
  expect(readFileSync(ERRORS_PAGE, "utf8")).toBe(errorsPage());
});

const ADMINISTRATION_PAGE = join(import.meta.dir, "../docs/reference/administration.md");

test("docs/reference/administration.md lists exactly the operations of the administration API", () => {
  if (process.env["UPDATE_REFERENCE"] === "1") writeFileSync(ADMINISTRATION_PAGE, administrationPage());
  expect(readFileSync(ADMINISTRATION_PAGE, "utf8")).toBe(administrationPage());
});

function administrationPage(): string {
  const sections = [...new Set(resources.map(({ section }) => section))];
  const tables = sections.flatMap((section) => [
    "",
    `## ${section}`,
    "",
    "| operation | path | least role | errors of its own |",
    "| --- | --- | --- | --- |",
    ...resources
      .filter((resource) => resource.section === section)
      .map(
        ({ summary, method, path, role, errors }) =>
          `| ${cell(summary)} | \`${method} ${path}\` | ${role} | ${errors.map((code) => `\`${code}\``).join(", ")} |`,
      ),
  ]);
  return `${[
    "# Administration API",
    "",
    "Generated from `src/admin/` by `tests/reference.test.ts`; change it there. Bodies, queries and answers are described",
    "in the OpenAPI document at `/admin/openapi.json`, which the page `/admin/docs` shows.",
    ...tables,
  ].join("\n")}\n`;
}

function errorsPage(): string {
  const rows = Object.entries<ErrorEntry>(ERRORS).map(
    ([code, { status, source, retryable, sentence, mend }]) =>
      `| ${[`\`${code}\``, status, WHO[source], retryable ? "yes" : "no", cell(sentence), cell(mend)].join(" | ")} |`,
  );
  return `${[...INTRODUCTION, ...rows].join("\n")}\n`;
}

const INTRODUCTION = [
  "# Errors",
  "",
  "Generated from `src/model/error-table.ts` and `src/model/upstream-errors.ts` by `tests/reference.test.ts`; change it there.",
  "",
  "Match on the code: it is stable, the sentences are not. The header `x-gatehouse-error` has it, `x-request-id` the",
  "request's id. The body is the envelope of the dialect that was spoken:",
  "",
  "- `/generate`: `error.code`, `error.message`, `error.mend`, `error.request_id`, and `error.field` where one is at fault.",
  "- `/v1/*`: OpenAI's `error.message` (the mend at its end), `error.type`, `error.param`, and `error.code`, which is",
  "  OpenAI's own word where it has one (`invalid_api_key`, `rate_limit_exceeded`). What a provider of the same dialect",
  "  refused keeps the provider's own body.",
  "",
  "*Again* says whether the same call may succeed later. `upstream_refused` keeps the provider's own 4xx status.",
  "",
  "| code | status | who must act | again | what happened | mend |",
  "| --- | --- | --- | --- | --- | --- |",
];

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
