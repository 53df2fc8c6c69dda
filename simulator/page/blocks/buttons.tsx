import type { Button, FeedbackButtons, IconButton, Overflow, WorkflowButton } from '@slack/types';
import { Icon } from '../icons.tsx';
import { Menu } from '../menu.tsx';
import { isSafeLink } from '../mrkdwn.ts';
import { plainText } from '../text.tsx';
import { requireOption } from './state.ts';
import { type ElementProps, useElement } from './surface.tsx';

/** A button; one with a url opens it too, as Slack does. */
export function ButtonView(props: ElementProps<Button>) {
  const { element } = props;
  const { send, busy } = useElement(props);
  const press = () => {
    void send({ type: 'button', ...(element.value === undefined ? {} : { value: element.value }) });
  };
  const shared = {
    className: `button ${element.style ?? ''}`,
    'aria-label': element.accessibility_label,
    'aria-describedby': props.describedBy,
    'aria-busy': busy,
    onClick: press,
    children: plainText(element.text),
  };
  if (element.url !== undefined && isSafeLink(element.url)) {
    return <a {...shared} href={element.url} target="_blank" rel="noopener noreferrer" />;
  }
  return <button type="button" {...shared} />;
}

/** A button that would start a workflow; there are none here, so it says so. */
export function WorkflowButtonView({ element }: ElementProps<WorkflowButton>) {
  return (
    <button type="button" className={`button ${element.style ?? ''}`} disabled title="Workflows are not simulated">
      {plainText(element.text)}
    </button>
  );
}

/** The menu behind three dots. */
export function OverflowView(props: ElementProps<Overflow>) {
  const { element } = props;
  const { send } = useElement(props);
  return (
    <Menu
      label="More options"
      icon={<Icon name="more" />}
      className="button overflow"
      items={element.options.map((option, index) => ({
        key: `${index}`,
        label: plainText(option.text),
        detail: option.description === undefined ? undefined : plainText(option.description),
        run: () => {
          if (option.url !== undefined && isSafeLink(option.url)) window.open(option.url, '_blank', 'noopener');
          void send({ type: 'overflow', selected_option: requireOption(option) });
        },
      }))}
    />
  );
}

/** The thumbs below an answer. */
export function FeedbackButtonsView(props: ElementProps<FeedbackButtons>) {
  const { element } = props;
  const { send } = useElement(props);
  const buttons = [
    { ...element.positive_button, icon: '👍' },
    { ...element.negative_button, icon: '👎' },
  ];
  return buttons.map(({ text, accessibility_label, value, icon }) => (
    <button
      key={value}
      type="button"
      className="button"
      aria-label={accessibility_label}
      onClick={() => void send({ type: 'feedback_buttons', value })}
    >
      {icon} {plainText(text)}
    </button>
  ));
}

/** A small button; its name stands for its drawing. */
export function IconButtonView(props: ElementProps<IconButton>) {
  const { element } = props;
  const { send } = useElement(props);
  return (
    <button
      type="button"
      className="button"
      aria-label={element.accessibility_label}
      onClick={() => void send({ type: 'icon_button', value: element.value })}
    >
      {plainText(element.text)}
    </button>
  );
}
