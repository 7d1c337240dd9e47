import type { Command as Program } from "commander";
import {
  administer,
  createProject,
  deleteProject,
  getProject,
  listBudgets,
  listProjects,
  updateProject,
} from "../assembly/administration.ts";
import { printBudgets } from "./budget-table.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { dayOf, printDetails } from "./details.ts";
import { everyPage } from "./every-page.ts";
import { addPolicyOptions, type PolicyOptions, policyOf } from "./policy-options.ts";
import { printTable } from "./table.ts";
import { filled, positive } from "./typed-values.ts";

/** `gatehouse projects`: projects and their policies, on the data folder. */
export const projects: Command = {
  name: "projects",
  summary: "create, list, change, block and delete projects, and their policies",
  register(program: Program): void {
    const own = program.command(projects.name).description(projects.summary);
    const one = (name: string, description: string) =>
      own.command(name).description(description).argument("<name>", "the project's name");
    addTermOptions(one("create", "make a project"), { mayClear: false }).action(create);
    own.command("list").description("list projects").option("--json", "print JSON").action(list);
    one("show", "show a project and how its budgets stand").option("--json", "print JSON").action(show);
    addTermOptions(one("set", "change a project; what is not named stays"), { mayClear: true }).action(set);
    one("block", "refuse all keys of a project").action((name: string) => block(name, true));
    one("unblock", "let the keys of a project in again").action((name: string) => block(name, false));
    one("delete", "delete a project whose keys are all revoked").action(remove);
  },
};

interface TermOptions extends PolicyOptions {
  readonly title?: string;
  readonly markup?: string;
  readonly retention?: string;
  readonly json?: boolean;
}

function addTermOptions(command: Program, how: { readonly mayClear: boolean }): Program {
  command
    .option("--title <text>", "as people call it")
    .option("--markup <factor>", "what its use is multiplied by to bill it onwards: 1.2, or 20%")
    .option("--retention <days>", `how long its rows are kept${how.mayClear ? ", or forever" : ""}`)
    .option("--json", "print JSON");
  return addPolicyOptions(command, how);
}

function termsOf({ title, markup, retention, ...options }: TermOptions): object {
  const policy = policyOf(options);
  return {
    ...(title === undefined ? {} : { title }),
    ...(markup === undefined ? {} : { markup }),
    ...(retention === undefined ? {} : { retention_days: daysOf(retention) }),
    ...(policy === undefined ? {} : { policy }),
  };
}

function daysOf(typed: string): number | null {
  return typed === "forever" ? null : positive(typed.replace(/d$/, ""));
}

async function create(name: string, options: TermOptions): Promise<void> {
  const body = { name: filled(name, "the name"), ...termsOf(options) };
  const project = await administer(dataFolder(), (run) => run(createProject, { body }));
  if (options.json === true) return console.log(JSON.stringify(project));
  console.log(`Made the project ${project.name}.`);
  console.log(`\`./gatehouse keys create --project ${project.name}\` makes a key for it.`);
}

async function set(name: string, options: TermOptions): Promise<void> {
  const project = await administer(dataFolder(), (run) =>
    run(updateProject, { parameters: { name }, body: termsOf(options) }),
  );
  if (options.json === true) return console.log(JSON.stringify(project));
  console.log(`Changed ${project.name}. A running gateway goes by it within a second.`);
}

async function block(name: string, blocked: boolean): Promise<void> {
  await administer(dataFolder(), (run) => run(updateProject, { parameters: { name }, body: { blocked } }));
  console.log(
    blocked
      ? `Blocked ${name}. A running gateway refuses its keys within a second.`
      : `Unblocked ${name}. A running gateway takes its keys within a second.`,
  );
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await administer(dataFolder(), (run) => everyPage(run, listProjects));
  if (json === true) return console.log(JSON.stringify(found));
  if (found.length === 0)
    return console.log("No projects yet. `./gatehouse projects create NAME` makes one.");
  printTable(
    ["name", "title", "state", "models", "budgets", "markup", "created"],
    found.map(({ name, title, blocked, policy, markup, created_at }) => [
      name,
      title ?? "",
      blocked ? "blocked" : "live",
      policy === null ? "none" : (policy.models?.join(",") ?? "all"),
      (policy?.budgets ?? []).map((budget) => `${budget.name}=$${budget.amount_usd}`).join(","),
      markup,
      dayOf(created_at),
    ]),
  );
}

async function show(name: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { project, budgets } = await administer(dataFolder(), async (run) => ({
    project: await run(getProject, { parameters: { name } }),
    budgets: await everyPage(run, listBudgets, { project: name }),
  }));
  if (json === true) return console.log(JSON.stringify({ ...project, budgets }, null, 2));
  printDetails(project);
  if (budgets.length === 0) return;
  console.log("");
  printBudgets(budgets, ({ scope, id }) => (scope === "project" ? "project" : id));
}

async function remove(name: string): Promise<void> {
  await administer(dataFolder(), (run) => run(deleteProject, { parameters: { name } }));
  console.log(`Deleted ${name}. Its rows in the ledger stay.`);
}
