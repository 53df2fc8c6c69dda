import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { Popover } from './popover.tsx';

export type MenuItem = { key: string; label: string; detail?: string; url?: string; run: () => void };

/** A button with a menu: arrow keys move, Enter chooses. */
export function Menu(props: { label: string; icon: ReactNode; className?: string; items: MenuItem[] }) {
  return (
    <Popover label={props.label} icon={props.icon} className={props.className} haspopup="menu">
      {(close) => <Items label={props.label} items={props.items} close={close} />}
    </Popover>
  );
}

function Items({ label, items, close }: { label: string; items: MenuItem[]; close: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus(), []);

  const move = (event: KeyboardEvent) => {
    const all = [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  };

  return (
    <div ref={menu} role="menu" aria-label={label} className="menu" onKeyDown={move} tabIndex={-1}>
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            close();
            item.run();
          }}
        >
          <span>{item.label}</span>
          {item.detail !== undefined && <small>{item.detail}</small>}
        </button>
      ))}
    </div>
  );
}
