/** Which of several groups with one name a rule is about: nobody but the administrator can tell. */
import { Choice } from "../../ui/Choice";
import { choicesOf, type Found } from "./drafts";

const ANY = "any";

export function WhichGroup({ found }: { found: readonly Found[] }) {
  const options = [
    { value: "", title: "Choose one" },
    ...choicesOf(found),
    { value: ANY, title: "Any group of this name, in every directory" },
  ];
  return <Choice label="Several groups have this name. Which one?" name="group" options={options} defaultValue="" required autoFocus />;
}
