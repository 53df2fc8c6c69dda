const PATHS = {
  menu: 'M3 5h14M3 10h14M3 15h14',
  hash: 'M8 3 6.5 17M13.5 3 12 17M3.5 7.5h14M2.5 12.5h14',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  shared:
    'M3 6.5c0-1.4 1.1-2.5 2.5-2.5h5A2.5 2.5 0 0 1 13 6.5v1A2.5 2.5 0 0 1 10.500 10H9M17 13.500c0 1.400-1.100 2.500-2.500 2.500h-5A2.500 2.500 0 0 1 7 13.500v-1A2.500 2.500 0 0 1 9.500 10H11',
  eye: 'M1.500 10S4.500 4.500 10 4.500 18.500 10 18.500 10 15.500 15.500 10 15.500 1.500 10 1.500 10zM10 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  reply: 'M3 4.500h14v9H9l-4 3.500v-3.500H3z',
  smile:
    'M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM6.500 11.500c.8 1.600 2 2.400 3.500 2.400s2.700-.8 3.500-2.400M7.500 7.500v.6M12.500 7.500v.6',
  more: 'M10 4.500v.1M10 10v.1M10 15.500v.1',
  close: 'M5 5l10 10M15 5 5 15',
  send: 'M3 4l14 6-14 6 2-6zM5 10h7',
  bolt: 'M11 2 4 11.500h5L8.500 18 16 8.500h-5z',
  down: 'M5 8l5 5 5-5',
  file: 'M5 2.500h6.500L15.500 6.500v11H5zM11.500 2.500v4h4',
  warning: 'M10 3 2 17h16zM10 8v4.500M10 14.800v.1',
};

/** A line drawing beside text or in a labelled button; silent to screen readers. */
export function Icon({ name, size = 18 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.6 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
