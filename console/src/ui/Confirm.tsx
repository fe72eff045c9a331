/** A question before something that matters; it stays open, with the problem, when the deed fails. */
import { AlertDialog, Button, Flex } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type ReactElement, type ReactNode } from "react";

import { ProblemNote } from "./states";

interface ConfirmProps {
  trigger: ReactElement;
  title: string;
  text: ReactNode;
  action: string;
  danger?: boolean;
  children?: ReactNode;
  /** The question is asked anew: what an earlier answer left behind counts no more. */
  onAsk?: () => void;
  onConfirm: () => Promise<unknown>;
}

type Asked = Pick<ConfirmProps, "title" | "text" | "action" | "danger">;

export function Confirm({ trigger, children, onAsk, onConfirm, ...props }: ConfirmProps) {
  const [isOpen, setIsOpen] = useState(false);
  const content = useRef<HTMLDivElement>(null);
  // What was answered stays until the question has gone: the deed changes the page, which may ask the opposite next.
  const [answered, setAnswered] = useState<Asked | null>(null);
  const { title, text, action, danger = true } = answered ?? props;
  const deed = useMutation({ mutationFn: onConfirm, onSuccess: () => setIsOpen(false), onError: () => setAnswered(null) });
  const turn = (open: boolean) => {
    // Closing takes nothing back that is on its way; asked again, it would be done twice.
    if (deed.isPending) return;
    if (open) {
      deed.reset();
      setAnswered(null);
      onAsk?.();
    }
    setIsOpen(open);
  };
  const answer = () => {
    setAnswered(props);
    deed.mutate();
    // No button can be pressed until it is done: without a place of its own in here, Tab would lead to the page behind.
    content.current?.focus();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={turn}>
      <AlertDialog.Trigger>{trigger}</AlertDialog.Trigger>
      <AlertDialog.Content ref={content} maxWidth="480px">
        <AlertDialog.Title>{title}</AlertDialog.Title>
        <AlertDialog.Description size="2" mb="3">
          {text}
        </AlertDialog.Description>
        {children}
        <ProblemNote error={deed.error} />
        <p className="unseen" role="status">
          {deed.isPending && "On its way…"}
        </p>
        <Flex gap="3" mt="4" justify="end" wrap="wrap">
          <AlertDialog.Cancel>
            <Button variant="soft" color="gray" disabled={deed.isPending}>
              Cancel
            </Button>
          </AlertDialog.Cancel>
          <Button color={danger ? "red" : undefined} loading={deed.isPending} onClick={answer}>
            {action}
          </Button>
        </Flex>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}
