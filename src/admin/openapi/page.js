/* Draws the OpenAPI document. Everything from outside becomes text, never markup. */

const METHODS = ["get", "post", "patch", "delete"];
const DEEPEST = 6;
const byId = (id) => document.getElementById(id);
let api;

byId("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = byId("key").value.trim();
  try {
    const answer = await fetch("/admin/openapi.json", { headers: { authorization: `Bearer ${key}` } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${body.error.message} ${body.error.mend}`);
    api = body;
    byId("key").value = "";
    draw();
  } catch (error) {
    byId("message").textContent = error.message;
  }
});

byId("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const part of document.querySelectorAll("[data-text]"))
    part.hidden = !part.dataset.text.includes(wanted);
});

function draw() {
  byId("message").textContent = "";
  const sections = api.tags.map(({ name }) => ({ name, operations: operationsOf(name) }));
  byId("index").replaceChildren(...sections.map(indexOf));
  byId("operations").replaceChildren(
    element("p", { class: "soft" }, `Version ${api.info.version}. ${api.info.description}`),
    ...sections.flatMap(({ name, operations }) => [element("h2", {}, name), ...operations.map(articleOf)]),
  );
  byId("content").hidden = false;
  if (location.hash !== "")
    document.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"]`)?.scrollIntoView();
}

function operationsOf(tag) {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]?.tags.includes(tag)).map((method) => ({
      ...methods[method],
      method: method.toUpperCase(),
      path,
    })),
  );
}

function indexOf({ name, operations }) {
  const links = operations.map((operation) =>
    element(
      "a",
      { href: `#${operation.operationId}`, "data-text": searchText(operation) },
      operation.summary,
    ),
  );
  return element("section", {}, element("h2", {}, name), ...links);
}

function searchText({ method, path, summary, operationId }) {
  return `${method} ${path} ${summary} ${operationId}`.toLowerCase();
}

function articleOf(operation) {
  const { method, path, summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content["application/json"].schema;
  const parts = [
    element(
      "div",
      { class: "line" },
      element("span", { class: `method ${method}` }, method),
      element("code", {}, path),
      element("span", { class: "role" }, operation["x-role"]),
    ),
    element("h3", {}, summary),
  ];
  if (description !== undefined) parts.push(element("p", { class: "soft" }, ...prose(description)));
  if (parameters.length > 0) parts.push(fold("Parameters", parametersList(parameters), true));
  if (body !== undefined) parts.push(fold("Body", schemaList(body, 0), true));
  parts.push(fold("Answers", answersList(responses), false));
  parts.push(fold("curl", element("pre", {}, curlOf(operation, body)), false));
  return element("article", { id: operation.operationId, "data-text": searchText(operation) }, ...parts);
}

function parametersList(parameters) {
  return element(
    "ul",
    {},
    ...parameters.map(({ name, in: place, required, description, schema }) =>
      memberOf({ name, schema: { ...schema, description }, isRequired: required, note: place, depth: 1 }),
    ),
  );
}

function answersList(responses) {
  return element(
    "ul",
    {},
    ...Object.entries(responses).map(([status, { description, content }]) => {
      const isError = Number(status) >= 400;
      const schema = content["application/json"].schema;
      const item = element("li", {}, element("code", {}, status), " ", ...prose(description));
      if (!isError) item.append(schemaList(schema, 0));
      return item;
    }),
  );
}

/** The members of an object, or the kinds of something else, as a list. */
function schemaList(given, depth) {
  const schema = resolved(given);
  if (depth > DEEPEST) return element("span", {}, "…");
  const { properties, items, anyOf, oneOf, additionalProperties } = schema;
  if (properties !== undefined) {
    const required = new Set(schema.required ?? []);
    const members = Object.entries(properties).map(([name, member]) =>
      memberOf({ name, schema: member, isRequired: required.has(name), depth: depth + 1 }),
    );
    return element("ul", {}, ...members);
  }
  if (items !== undefined) return schemaList(items, depth);
  const kinds = (anyOf ?? oneOf ?? []).filter(isNested);
  if (kinds.length > 0) return element("div", {}, ...kinds.map((kind) => schemaList(kind, depth + 1)));
  if (additionalProperties !== undefined && isNested(additionalProperties))
    return schemaList(additionalProperties, depth + 1);
  return element("span", {});
}

function memberOf({ name, schema: given, isRequired, note, depth }) {
  const schema = { ...resolved(given), ...given };
  const item = element(
    "li",
    {},
    element("code", {}, name),
    " ",
    element("span", { class: "soft" }, typeOf(schema)),
  );
  if (note !== undefined) item.append(" ", element("span", { class: "soft" }, `· in ${note}`));
  if (isRequired) item.append(" ", element("span", { class: "required" }, "required"));
  if (schema.default !== undefined)
    item.append(" ", element("span", { class: "soft" }, `· usually ${JSON.stringify(schema.default)}`));
  if (schema.description !== undefined) item.append(element("div", {}, ...prose(schema.description)));
  if (schema["x-mend"] !== undefined)
    item.append(element("div", { class: "soft" }, ...prose(schema["x-mend"])));
  if (isNested(given)) item.append(fold("members", schemaList(given, depth), false));
  return item;
}

function isNested(given) {
  if (typeof given !== "object" || given === null) return false;
  const { properties, items, anyOf, oneOf, additionalProperties } = resolved(given);
  if (properties !== undefined) return true;
  if (items !== undefined) return isNested(items);
  return (anyOf ?? oneOf ?? []).some(isNested) || isNested(additionalProperties);
}

function typeOf(given) {
  const schema = resolved(given);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  const kinds = schema.anyOf ?? schema.oneOf;
  if (kinds !== undefined) return [...new Set(kinds.map(typeOf))].join(" or ");
  const type = [schema.type ?? "any"].flat().join(" or ");
  const bounds = [schema.minimum, schema.maximum].map((bound) => bound ?? "");
  const range = bounds.join("") === "" ? "" : ` ${bounds.join("–")}`;
  return (schema.format ?? type) + range;
}

function resolved(schema) {
  if (schema?.$ref === undefined) return schema;
  return resolved(api.components.schemas[schema.$ref.split("/").at(-1)]);
}

function curlOf({ method, path }, body) {
  const lines = [
    `curl ${method === "GET" ? "" : `-X ${method} `}${location.origin}${path.replaceAll(/\{(\w+)\}/g, "$$$1")}`,
    '  -H "Authorization: Bearer $ADMIN_KEY"',
  ];
  if (body !== undefined) {
    const example = JSON.stringify(exampleOf(body)).replaceAll("'", "'\\''");
    lines.push('  -H "Content-Type: application/json"', `  -d '${example}'`);
  }
  return lines.join(" \\\n");
}

/** What is required, with a value of its kind. */
function exampleOf(given) {
  const schema = resolved(given);
  if (schema.properties !== undefined) {
    const names = schema.required ?? Object.keys(schema.properties).slice(0, 1);
    return Object.fromEntries(names.map((name) => [name, exampleOf(schema.properties[name])]));
  }
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf !== undefined) return exampleOf(schema.anyOf[0]);
  if (schema.items !== undefined) return [exampleOf(schema.items)];
  const type = [schema.type].flat()[0];
  if (type === "object") return {};
  return type === "boolean" ? true : type === "string" ? "..." : (schema.minimum ?? 1);
}

/** What stands between backticks is code. */
function prose(text) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}

function fold(title, content, isOpen) {
  const details = element("details", {}, element("summary", {}, title), content);
  details.open = isOpen;
  return details;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
