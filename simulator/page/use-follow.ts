import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { PageMessage } from '../types.ts';
import { useWorkspace } from './use-workspace.ts';

const NEAR_BOTTOM = 48;
const GAP = 8;

/**
 * Scrolls a list of messages: its end stays in view while it is in view, also when pictures arrive, and what is meant for
 * oneself always comes into view. But what arrived since one last did something never leaves at the top: a message taller
 * than the window is read from its beginning.
 */
export function useFollow(last: PageMessage | undefined, loaded: boolean) {
  const { me } = useWorkspace();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  /** Scrolled to the end, and nobody did anything since: what grows below, such as a picture, is to be followed. */
  const held = useRef(false);
  const filled = useRef(false);
  /** The first message since one last did something. */
  const firstNews = useRef<string | null>(null);
  const [away, setAway] = useState(false);

  useEffect(() => {
    const frame = scroller.current;
    if (frame === null || content.current === null) return;
    const scrolled = () => {
      const rest = frame.scrollHeight - frame.scrollTop - frame.clientHeight;
      stuck.current = rest < NEAR_BOTTOM || held.current;
      setAway(rest > 2 * NEAR_BOTTOM);
    };
    const sizes = new ResizeObserver(() => {
      if (stuck.current) held.current = follow(frame, content, firstNews.current);
      scrolled();
    });
    const acted = () => {
      firstNews.current = null;
      held.current = false;
    };
    sizes.observe(content.current);
    sizes.observe(frame);
    frame.addEventListener('scroll', scrolled);
    for (const type of ACTS) window.addEventListener(type, acted, true);
    return () => {
      sizes.disconnect();
      frame.removeEventListener('scroll', scrolled);
      for (const type of ACTS) window.removeEventListener(type, acted, true);
    };
  }, []);

  const lastTs = last?.ts;
  const mine = last !== undefined && (last.user === me || last.ephemeral);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once for each new last message
  useLayoutEffect(() => {
    if (filled.current && lastTs !== undefined) firstNews.current ??= lastTs;
    if (mine || stuck.current || !filled.current) {
      held.current = follow(scroller.current, content, firstNews.current);
    }
    filled.current = loaded;
  }, [lastTs, loaded]);

  const toBottom = () => {
    firstNews.current = null;
    held.current = follow(scroller.current, content, null);
  };
  return { scroller, content, away, toBottom };
}

const ACTS = ['pointerdown', 'keydown', 'wheel'] as const;

/** Scrolls to the end, or as far as `firstNews` stays in view. True: to the end. */
function follow(frame: HTMLElement | null, content: RefObject<HTMLElement | null>, firstNews: string | null): boolean {
  if (frame === null) return false;
  const news = firstNews === null ? null : content.current?.querySelector<HTMLElement>(`[data-ts="${firstNews}"]`);
  const end = frame.scrollHeight - frame.clientHeight;
  const highest = news === null || news === undefined ? end : Math.min(end, news.offsetTop - GAP);
  frame.scrollTo({ top: highest });
  return highest === end;
}
