/** What happened, in order. `of` is the seq of the entry that this one answers. */
export type JournalEntry = { seq: number; at: string } & JournalFact;

type JournalFact =
  | {
      kind: 'request';
      method: string;
      path: string;
      /** Of the query, or of the body of a POST, nested as Stripe reads them. */
      params: Record<string, unknown>;
      /** Whether the key was right, wrong or absent; it itself is left out. */
      auth: 'right' | 'wrong' | 'none';
      version: string | null;
    }
  /** `lost`: it never arrived. */
  | { kind: 'answer'; of: number; status: number; lost: boolean }
  | { kind: 'event'; id: string; type: string; object: string | null }
  | { kind: 'webhook'; id: string; type: string; attempt: number; status: number | null }
  | { kind: 'fault'; request: string; fault: string };

/** A journal that only grows; entries are copies. */
export type Journal = { add(fact: JournalFact): number; list(): JournalEntry[]; readonly length: number };

/** An empty journal. */
export function createJournal(now: () => Date): Journal {
  const entries: JournalEntry[] = [];
  return {
    add(fact) {
      const seq = entries.length + 1;
      entries.push(structuredClone({ seq, at: now().toISOString(), ...fact }));
      return seq;
    },
    list: () => [...entries],
    get length() {
      return entries.length;
    },
  };
}
