/** A question before something that matters; it stays open, with the problem, when the deed fails. */
import { AlertDialog, Button, Flex } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement, type ReactNode } from "react";

import { ProblemNote } from "./states";

interface ConfirmProps {
  trigger: ReactElement;
  title: string;
  text: ReactNode;
  action: string;
  danger?: boolean;
  children?: ReactNode;
  onConfirm: () => Promise<unknown>;
}

type Asked = Pick<ConfirmProps, "title" | "text" | "action" | "danger">;

export function Confirm({ trigger, children, onConfirm, ...props }: ConfirmProps) {
  const [isOpen, setIsOpen] = useState(false);
  // What was answered stays until the question has gone: the deed changes the page, which may ask the opposite next.
  const [answered, setAnswered] = useState<Asked | null>(null);
  const { title, text, action, danger = true } = answered ?? props;
  const deed = useMutation({ mutationFn: onConfirm, onSuccess: () => setIsOpen(false), onError: () => setAnswered(null) });
  const turn = (open: boolean) => {
    if (open) {
      deed.reset();
      setAnswered(null);
    }
    setIsOpen(open);
  };
  const answer = () => {
    setAnswered(props);
    deed.mutate();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={turn}>
      <AlertDialog.Trigger>{trigger}</AlertDialog.Trigger>
      <AlertDialog.Content maxWidth="480px">
        <AlertDialog.Title>{title}</AlertDialog.Title>
        <AlertDialog.Description size="2" mb="3">
          {text}
        </AlertDialog.Description>
        {children}
        <ProblemNote error={deed.error} />
        <Flex gap="3" mt="4" justify="end" wrap="wrap">
          <AlertDialog.Cancel>
            <Button variant="soft" color="gray">
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
