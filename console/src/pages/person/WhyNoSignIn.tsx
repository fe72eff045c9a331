/** Why can't this person sign in? Looked at when it is asked, for it rehearses a sign-in. */
import { Button } from "@radix-ui/themes";
import { useState } from "react";

import { Section } from "../../ui/Section";
import { Diagnosis } from "../diagnosis/Diagnosis";
import { useDiagnosis } from "../diagnosis/useDiagnosis";

interface WhyNoSignInProps {
  personId: string;
  email: string;
  organization: string;
}

export function WhyNoSignIn({ personId, email, organization }: WhyNoSignInProps) {
  const [isAsked, setIsAsked] = useState(false);
  const diagnosis = useDiagnosis({ email: isAsked ? email : "", organization, personId });
  const ask = () => {
    if (isAsked) void diagnosis.refetch();
    setIsAsked(true);
  };
  return (
    <Section
      title="Why can’t this person sign in?"
      text="Everything that a sign-in goes through, and what to do where it fails."
      actions={
        <Button variant="soft" loading={diagnosis.isFetching} onClick={ask}>
          {isAsked ? "Look again" : "Find out"}
        </Button>
      }
    >
      {isAsked && <Diagnosis query={diagnosis} />}
    </Section>
  );
}
