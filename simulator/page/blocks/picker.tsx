import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { OptionValue } from '../../types.ts';
import { Icon } from '../icons.tsx';
import { placePopup } from '../popover.tsx';

export type PickerOption = {
  value: string;
  label: string;
  detail?: string;
  group?: string;
  /** The option object it stands for, as payloads carry it. */
  option?: OptionValue;
};

export type PickerProps = {
  options: PickerOption[];
  selected: PickerOption[];
  many: boolean;
  max?: number;
  placeholder: string;
  busy: boolean;
  labelledBy?: string;
  describedBy?: string;
  invalid?: boolean;
  focusOnLoad?: boolean;
  onChoose: (options: PickerOption[]) => void;
  /** Asks elsewhere for options as the person types; `options` are then what came back. */
  onQuery?: (query: string) => void;
};

/** A select one can type in: a combobox with its listbox, for one value or several. */
export function Picker(props: PickerProps) {
  const { options, selected, many, max = Number.POSITIVE_INFINITY, onQuery } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);

  const words = query.trim().toLowerCase();
  const shown = onQuery === undefined ? options.filter(({ label }) => label.toLowerCase().includes(words)) : options;
  const active = Math.min(at, shown.length - 1);
  const isSelected = (option: PickerOption) => selected.some(({ value }) => value === option.value);

  useEffect(() => {
    if (open) onQuery?.(query);
  }, [open, query, onQuery]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has another height
  useLayoutEffect(() => {
    const popup = list.current;
    if (!open || popup === null) return;
    const place = () => box.current !== null && placePopup(popup, box.current, true);
    if (!popup.matches(':popover-open')) popup.showPopover();
    place();
    window.addEventListener('scroll', place, true);
    window.addEventListener('resize', place);
    return () => {
      window.removeEventListener('scroll', place, true);
      window.removeEventListener('resize', place);
    };
  }, [open, shown.length, selected.length]);

  useEffect(() => {
    if (open) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [open, active, id]);

  const show = () => {
    const first = many ? 0 : options.findIndex(isSelected);
    setAt(Math.max(0, first));
    setOpen(true);
  };
  const hide = () => {
    list.current?.hidePopover();
    setOpen(false);
    setQuery('');
  };
  const choose = (option: PickerOption) => {
    if (!many) {
      props.onChoose([option]);
      hide();
      return;
    }
    setQuery('');
    if (isSelected(option)) props.onChoose(selected.filter(({ value }) => value !== option.value));
    else if (selected.length < max) props.onChoose([...selected, option]);
  };

  const keyed = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!open) show();
      else setAt((active + step + shown.length) % Math.max(1, shown.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = shown[active];
      if (!open) show();
      else if (option !== undefined) choose(option);
    } else if (event.key === 'Escape' && open) {
      // Stops here: the dialog around it stays.
      event.preventDefault();
      event.stopPropagation();
      hide();
    } else if (event.key === 'Backspace' && many && query === '' && selected.length > 0) {
      props.onChoose(selected.slice(0, -1));
    }
  };

  const single = many ? undefined : selected[0]?.label;
  return (
    <div ref={box} className={`picker ${props.invalid === true ? 'invalid' : ''}`} aria-busy={props.busy}>
      {many &&
        selected.map((option) => (
          <span key={option.value} className="chip">
            {option.label}
            <button
              type="button"
              aria-label={`Remove ${option.label}`}
              onClick={() => props.onChoose(selected.filter(({ value }) => value !== option.value))}
            >
              <Icon name="close" size={10} />
            </button>
          </span>
        ))}
      <input
        type="text"
        role="combobox"
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={id}
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        aria-labelledby={props.labelledBy}
        aria-label={props.labelledBy === undefined ? props.placeholder : undefined}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid}
        data-focus-on-load={props.focusOnLoad === true ? '' : undefined}
        placeholder={single ?? (selected.length > 0 ? '' : props.placeholder)}
        className={single === undefined ? undefined : 'has-value'}
        value={open ? query : (single ?? '')}
        onChange={(event) => {
          if (!open) show();
          setQuery(event.target.value);
          setAt(0);
        }}
        onClick={() => (open ? hide() : show())}
        onBlur={hide}
        onKeyDown={keyed}
      />
      <Icon name="down" size={14} />
      <div
        ref={list}
        id={id}
        popover="manual"
        role="listbox"
        className="popup listbox"
        aria-label={props.placeholder}
        aria-multiselectable={many}
        onMouseDown={(event) => event.preventDefault()}
      >
        {open && shown.length === 0 && <p className="empty">No matches</p>}
        {open &&
          shown.map((option, index) => (
            <div key={option.value}>
              {option.group !== undefined && option.group !== shown[index - 1]?.group && (
                <div className="option-group">{option.group}</div>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the combobox takes the keys */}
              {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
              <div
                id={`${id}-${index}`}
                role="option"
                aria-selected={isSelected(option)}
                className={index === active ? 'option active' : 'option'}
                onClick={() => choose(option)}
                onMouseMove={() => setAt(index)}
              >
                <span>{option.label}</span>
                {option.detail !== undefined && <small>{option.detail}</small>}
              </div>
            </div>
          ))}
      </div>
    </div>
  );
}
