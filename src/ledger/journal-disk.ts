import { closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** The calls to the operating system that the journal makes; an interface so that tests can make a disk fail. */
export interface JournalDisk {
  /** Opens a file for appending, made where it is missing. */
  open(path: string): number;
  /** Writes bytes from `offset` on and gives how many; fewer than there are is no error. */
  write(file: number, bytes: Uint8Array, offset: number): number;
  truncate(file: number, size: number): void;
  /** Resolves when the file's data is on the disk. */
  sync(file: number): Promise<void>;
  syncNow(file: number): void;
  /** Puts the existence of a folder's files on the disk. */
  syncFolder(folder: string): void;
  close(file: number): void;
}

/** The operating system itself. */
export const operatingSystemDisk: JournalDisk = {
  open: (path) => openSync(path, "a", 0o600),
  write: (file, bytes, offset) => writeSync(file, bytes, offset),
  truncate: ftruncateSync,
  sync: (file) =>
    new Promise((resolve, reject) => fdatasync(file, (error) => (error ? reject(error) : resolve()))),
  syncNow: fdatasyncSync,
  syncFolder: (folder) => {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  },
  close: closeSync,
};
