/** A field of an identity provider: judged when it is left, a certificate shown as soon as it is there. */
import { AreaField } from "../../ui/AreaField";
import { Field } from "../../ui/Field";
import { readCertificate } from "./certificate";
import { CertificateFacts } from "./CertificateFacts";
import { FIELDS, faultOf, type FieldName } from "./provider";

interface ProviderFieldProps {
  name: FieldName;
  value: string;
  fault: string | null;
  onChange: (value: string) => void;
  onJudge: (fault: string | null) => void;
}

export function ProviderField({ name, value, fault, onChange, onJudge }: ProviderFieldProps) {
  const { label, hint, kind } = FIELDS[name];
  const common = { name, label, hint, fault, value, required: true, onBlur: () => onJudge(value ? faultOf(name, value) : null) };
  if (kind !== "area")
    return (
      <Field
        {...common}
        type={kind === "secret" ? "password" : "text"}
        autoComplete={kind === "secret" ? "new-password" : "off"}
        spellCheck={false}
        maxLength={2048}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  const found = name === "idp_certificate" && value ? readCertificate(value) : null;
  return (
    <>
      <AreaField
        {...common}
        // A slip in what is pasted is told at once: a private key must not even be sent.
        fault={fault ?? (found && "fault" in found ? found.fault : null)}
        rows={6}
        className="code-area"
        onChange={(event) => onChange(event.target.value)}
      />
      {found && "read" in found && <CertificateFacts label="The certificate that you pasted" certificate={found.read} />}
    </>
  );
}
