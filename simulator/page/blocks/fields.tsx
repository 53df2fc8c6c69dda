import type {
  Checkboxes,
  Datepicker,
  DateTimepicker,
  EmailInput,
  NumberInput,
  Option,
  PlainTextInput,
  RadioButtons,
  Timepicker,
  URLInput,
} from '@slack/types';
import { type KeyboardEvent, useId } from 'react';
import type { InputValue } from '../../types.ts';
import { plainText, TextView } from '../text.tsx';
import { requireOption } from './state.ts';
import { type ElementProps, useElement } from './surface.tsx';

type TextInput = PlainTextInput | EmailInput | NumberInput | URLInput;

/** A line or several of text, a number, an address. */
export function TextInputView(props: ElementProps<TextInput>) {
  const { element } = props;
  const { value, keep, send } = useElement(props);
  const entered = (text: string): InputValue => ({ type: element.type, value: text === '' ? null : text });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  const multiline = element.type === 'plain_text_input' && element.multiline === true;
  const shared = {
    ...fieldProps(props),
    value: value?.value ?? '',
    placeholder: element.placeholder === undefined ? undefined : plainText(element.placeholder),
    maxLength: element.type === 'plain_text_input' ? element.max_length : undefined,
    onChange: (event: { target: { value: string } }) => {
      keep(entered(event.target.value));
      if (triggers.includes('on_character_entered')) void send(entered(event.target.value));
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key !== 'Enter' || multiline || !props.dispatches) return;
      event.preventDefault();
      if (triggers.includes('on_enter_pressed')) void send(entered(value?.value ?? ''));
    },
  };
  if (multiline) return <textarea {...shared} rows={4} />;
  const inputMode = { number_input: 'decimal', email_text_input: 'email', url_text_input: 'url' } as const;
  return (
    <input
      {...shared}
      type="text"
      inputMode={element.type === 'plain_text_input' ? undefined : inputMode[element.type]}
    />
  );
}

/** A date, a time, or both. */
export function DateView(props: ElementProps<Datepicker | Timepicker | DateTimepicker>) {
  const { element } = props;
  const { value, commit } = useElement(props);
  if (element.type === 'datepicker') {
    return (
      <input
        {...fieldProps(props, 'Date')}
        type="date"
        className="date"
        value={value?.selected_date ?? ''}
        onChange={(event) => void commit({ type: 'datepicker', selected_date: event.target.value || null })}
      />
    );
  }
  if (element.type === 'timepicker') {
    return (
      <input
        {...fieldProps(props, 'Time')}
        type="time"
        className="date"
        value={value?.selected_time ?? ''}
        onChange={(event) => void commit({ type: 'timepicker', selected_time: event.target.value || null })}
      />
    );
  }
  const seconds = value?.selected_date_time ?? null;
  return (
    <input
      {...fieldProps(props, 'Date and time')}
      type="datetime-local"
      className="date"
      value={seconds === null ? '' : localDateTime(seconds)}
      onChange={(event) => {
        const time = Date.parse(event.target.value);
        void commit({ type: 'datetimepicker', selected_date_time: Number.isNaN(time) ? null : time / 1000 });
      }}
    />
  );
}

/** Checkboxes or radio buttons, one below the other. */
export function ChoicesView(props: ElementProps<Checkboxes | RadioButtons>) {
  const { element } = props;
  const { value, commit } = useElement(props);
  const id = useId();
  const many = element.type === 'checkboxes';
  const chosen = many
    ? (value?.selected_options ?? []).map((option) => option.value)
    : value?.selected_option
      ? [value.selected_option.value]
      : [];
  const choose = (option: Option) => {
    if (!many) return commit({ type: element.type, selected_option: requireOption(option) });
    const picked = element.options.filter(({ value: one }) =>
      one === option.value ? !chosen.includes(one ?? '') : chosen.includes(one ?? ''),
    );
    return commit({ type: element.type, selected_options: picked.map(requireOption) });
  };
  return (
    <fieldset
      className="choices"
      aria-labelledby={props.labelledBy}
      aria-label={props.labelledBy === undefined ? 'Choices' : undefined}
      aria-describedby={props.describedBy}
    >
      {element.options.map((option, index) => (
        <label key={option.value} className="choice">
          <input
            type={many ? 'checkbox' : 'radio'}
            name={id}
            checked={chosen.includes(option.value ?? '')}
            data-focus-on-load={element.focus_on_load === true && index === 0 ? '' : undefined}
            onChange={() => void choose(option)}
          />
          <span>
            <TextView text={option.text} />
            {option.description !== undefined && <small>{plainText(option.description)}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Name, description and so on of a field. */
function fieldProps(props: ElementProps<TextInput | Datepicker | Timepicker | DateTimepicker>, name?: string) {
  const { element, labelledBy, describedBy, invalid } = props;
  const placeholder = 'placeholder' in element ? element.placeholder : undefined;
  return {
    'aria-labelledby': labelledBy,
    'aria-label': labelledBy === undefined ? (placeholder === undefined ? name : plainText(placeholder)) : undefined,
    'aria-describedby': describedBy,
    'aria-invalid': invalid,
    'data-focus-on-load': element.focus_on_load === true ? '' : undefined,
  };
}

/** Unix seconds as datetime-local wants them: 2026-11-21T14:05, in the browser's time zone. */
function localDateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
