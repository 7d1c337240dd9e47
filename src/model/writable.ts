/**
 * A record while it is made: members that may be absent are set one by one, since a spread of each makes an object for
 * each.
 */
export type Writable<Record> = { -readonly [Member in keyof Record]: Record[Member] };
