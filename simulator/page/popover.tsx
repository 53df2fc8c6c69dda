import { type ReactNode, useId, useRef, useState } from 'react';

const MARGIN = 8;

/** Puts a popup in the top layer below its anchor, or above where there is more room. */
export function placePopup(popup: HTMLElement, anchor: HTMLElement, matchWidth = false): void {
  const box = anchor.getBoundingClientRect();
  if (matchWidth) popup.style.width = `${Math.max(box.width, 220)}px`;
  popup.style.maxHeight = '';
  const below = window.innerHeight - box.bottom - MARGIN;
  const above = box.top - MARGIN;
  const up = popup.offsetHeight > below && above > below;
  popup.style.maxHeight = `${Math.min(360, up ? above : below)}px`;
  const left = Math.min(box.left, window.innerWidth - popup.offsetWidth - MARGIN);
  popup.style.left = `${Math.max(MARGIN, left)}px`;
  popup.style.top = `${up ? box.top - popup.offsetHeight - 4 : box.bottom + 4}px`;
}

/** A button that opens a popup; the browser closes it on Escape or a click elsewhere and gives the focus back. */
export function Popover(props: {
  label: string;
  icon: ReactNode;
  className?: string;
  haspopup: 'menu' | 'dialog';
  children: (close: () => void) => ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={props.className ?? 'icon-button'}
        popoverTarget={id}
        aria-label={props.label}
        aria-haspopup={props.haspopup}
        aria-expanded={open}
        title={props.label}
      >
        {props.icon}
      </button>
      <div
        ref={popup}
        id={id}
        popover="auto"
        className="popup"
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && (
          <Placed popup={popup.current} anchor={button.current}>
            {props.children(() => popup.current?.hidePopover())}
          </Placed>
        )}
      </div>
    </>
  );
}

/** Places the popup once its content has a size. */
function Placed(props: { popup: HTMLElement | null; anchor: HTMLElement | null; children: ReactNode }) {
  const { popup, anchor } = props;
  return (
    <div
      className="popup-content"
      ref={(content) => {
        if (content !== null && popup !== null && anchor !== null) placePopup(popup, anchor);
      }}
    >
      {props.children}
    </div>
  );
}
