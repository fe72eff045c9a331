/** Where the console begins. */
import { focusManager } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import { attend } from "./session/attendance";
import { keeper } from "./session/keeper";
import "./styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
attend((isAttended) => focusManager.setFocused(isAttended));
void keeper.begin();
createRoot(root).render(<App />);
