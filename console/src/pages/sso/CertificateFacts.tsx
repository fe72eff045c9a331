/** What a certificate says: whose it is, its key, until when it is good. */
import { Facts } from "../../ui/Facts";
import { Name } from "../../ui/Name";
import { Time } from "../../ui/Time";
import type { CertificateRead } from "./certificate";
import { CertificateEnd } from "./CertificateEnd";

export function CertificateFacts({ label, certificate }: { label: string; certificate: CertificateRead }) {
  const { subject, key, notBefore, notAfter } = certificate;
  return (
    <div className="certificate" role="group" aria-label={label}>
      <Facts
        facts={[
          ["Subject", <Name key="subject">{subject}</Name>],
          ["Key", key],
          ["Expires", <CertificateEnd key="until" at={notAfter} />],
          ["Good from", <Time key="from" at={notBefore} />],
        ]}
      />
    </div>
  );
}
