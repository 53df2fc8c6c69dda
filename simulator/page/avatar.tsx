import { useWorkspace } from './use-workspace.ts';

/** A person's initials on their colour; their name stands beside it, so it is silent. */
export function Avatar({ user, size = 36 }: { user: string; size?: number }) {
  const { users, nameOf } = useWorkspace();
  const known = users.get(user);
  const initials = nameOf(user)
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  return (
    <span
      className={known?.is_bot === true ? 'avatar bot' : 'avatar'}
      style={{ background: known?.color ?? '#5b6478', width: size, height: size, fontSize: size * 0.4 }}
      aria-hidden="true"
    >
      {known?.is_bot === true ? <BellIcon size={size * 0.62} /> : initials}
    </span>
  );
}

function BellIcon({ size }: { size: number }) {
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} fill="currentColor" aria-hidden="true">
      <path d="M10 2.200a1.300 1.300 0 0 1 1.300 1.300v.5c2.300.6 3.800 2.600 3.800 5v3.200l1.500 2.300H3.400l1.500-2.300V9c0-2.400 1.500-4.400 3.800-5v-.5A1.300 1.300 0 0 1 10 2.200zM7.900 15.600h4.200a2.100 2.100 0 0 1-4.200 0z" />
    </svg>
  );
}

/** What sets a person apart, in a word: app, guest, another workspace; null for a colleague. */
export function badgeOf(user: { is_bot: boolean; is_stranger: boolean; is_restricted: boolean } | undefined) {
  if (user === undefined) return null;
  if (user.is_bot) return 'App';
  if (user.is_stranger) return 'External';
  return user.is_restricted ? 'Guest' : null;
}
