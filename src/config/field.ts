import { z } from "zod";

/** What a configuration field is, beyond the shape of its value. */
export interface FieldTraits {
  /** Holds a secret: never shown, and may be read from a file by `file:path`. */
  readonly secret?: boolean;
  /** May be read from a file by `file:path`. */
  readonly file?: boolean;
  /** How to write it rightly, for every error about it. */
  readonly mend?: string;
}

declare module "zod" {
  interface GlobalMeta {
    /** How to write a value rightly, for schemas of rooms that can't mark their fields with `fieldTraits`. */
    readonly mend?: string;
  }
}

/** The traits of the fields of every schema. Mark one by `schema.register(fieldTraits, {...})`, last of all calls. */
export const fieldTraits = z.registry<FieldTraits>();

/** A schema on the way down a path, or undefined where the path has left what the schema knows. */
export type MaybeSchema = z.core.$ZodType | undefined;

/** The schema within wrappers such as optional and default. */
export function unwrapSchema(schema: MaybeSchema): MaybeSchema {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodReadonly
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

/** The schema of a member or list entry. */
export function schemaOfMember(schema: MaybeSchema, step: string | number): MaybeSchema {
  const outer = unwrapSchema(schema);
  if (outer instanceof z.ZodObject) {
    return Object.hasOwn(outer.shape, step) ? outer.shape[step] : undefined;
  }
  if (outer instanceof z.ZodRecord) return outer.valueType;
  if (outer instanceof z.ZodArray) return outer.element;
  if (outer instanceof z.ZodUnion) {
    for (const option of outer.options) {
      const member = schemaOfMember(option, step);
      if (member !== undefined) return member;
    }
  }
  return undefined;
}

/** The schema at the end of a path. */
export function schemaAt(schema: MaybeSchema, path: readonly (string | number)[]): MaybeSchema {
  return path.reduce<MaybeSchema>((inner, step) => schemaOfMember(inner, step), schema);
}

/** The traits of a field, none where it is not marked. */
export function traitsOf(schema: MaybeSchema): FieldTraits {
  const inner = unwrapSchema(schema);
  if (inner === undefined) return {};
  const traits = fieldTraits.get(inner) ?? meantTraits(inner);
  // Of the shapes that a value may have, the first is the plain one.
  return traits ?? (inner instanceof z.ZodUnion ? traitsOf(inner.options[0]) : {});
}

function meantTraits(schema: z.core.$ZodType): FieldTraits | undefined {
  const mend = z.globalRegistry.get(schema)?.mend;
  return mend === undefined ? undefined : { mend };
}
