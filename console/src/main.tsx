/** Where the console begins. */
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { keeper } from "./session/keeper";
import "./styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
void keeper.begin();
createRoot(root).render(<App />);
