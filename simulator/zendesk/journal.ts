/** What happened, in order. `of` is the seq of the entry that this one answers. */
export type JournalEntry = { seq: number; at: string } & JournalFact;

type JournalFact =
  | {
      kind: 'request';
      method: string;
      /** Below the address, without ".json". */
      path: string;
      query: Record<string, string>;
      /** Whether the credentials were right, wrong or absent; they themselves are left out. */
      auth: 'right' | 'wrong' | 'none';
      headers: Record<string, string>;
      /** Null where it was no JSON. */
      body: unknown;
    }
  /** `lost`: it never arrived. */
  | { kind: 'answer'; of: number; status: number; lost: boolean }
  | { kind: 'ticket'; ticket: number; change: 'created' | 'changed' | 'deleted'; fields: Record<string, unknown> }
  | { kind: 'comment'; ticket: number; comment: number; public: boolean; author: number; body: string }
  | { kind: 'upload'; name: string; size: number }
  | { kind: 'webhook'; id: string; ticket: number; event: string | null; status: number | null }
  | { kind: 'fault'; request: string; fault: string };

/** A journal that only grows; entries are copies. */
export type Journal = { add(fact: JournalFact): number; list(): JournalEntry[] };

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
  };
}
