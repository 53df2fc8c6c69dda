import type { ImageElement } from '@slack/types';
import { ButtonView, FeedbackButtonsView, IconButtonView, OverflowView, WorkflowButtonView } from './buttons.tsx';
import { ChoicesView, DateView, TextInputView } from './fields.tsx';
import { SelectView } from './selects.tsx';
import type { BlockElement } from './state.ts';
import type { ElementProps } from './surface.tsx';

type Interactive = Exclude<BlockElement, ImageElement>;

/** Any interactive element, by its type; throws for one the page cannot draw. */
export function ElementView({ element, ...rest }: ElementProps<Interactive>) {
  switch (element.type) {
    case 'button':
      return <ButtonView element={element} {...rest} />;
    case 'workflow_button':
      return <WorkflowButtonView element={element} {...rest} />;
    case 'overflow':
      return <OverflowView element={element} {...rest} />;
    case 'feedback_buttons':
      return <FeedbackButtonsView element={element} {...rest} />;
    case 'icon_button':
      return <IconButtonView element={element} {...rest} />;
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return <TextInputView element={element} {...rest} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return <DateView element={element} {...rest} />;
    case 'checkboxes':
    case 'radio_buttons':
      return <ChoicesView element={element} {...rest} />;
    case 'static_select':
    case 'external_select':
    case 'users_select':
    case 'conversations_select':
    case 'channels_select':
    case 'multi_static_select':
    case 'multi_external_select':
    case 'multi_users_select':
    case 'multi_conversations_select':
    case 'multi_channels_select':
      return <SelectView element={element} {...rest} />;
    default:
      throw new Error(`this page has no ${element.type}`);
  }
}
