/** A value that is JSON already, so that what stands in it (a call's arguments) is written as it came. */
export type JsonText = string;

/** An object of members that are JSON already; those that are undefined stay out. */
export function objectText(members: { readonly [name: string]: JsonText | undefined }): JsonText {
  const written = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [`${JSON.stringify(name)}:${value}`],
  );
  return `{${written.join(",")}}`;
}

/** A list of values that are JSON already. */
export function listText(values: readonly JsonText[]): JsonText {
  return `[${values.join(",")}]`;
}

/** A value as JSON; undefined stays undefined. */
export function valueText(value: unknown): JsonText | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
