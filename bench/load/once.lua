-- Sends each prebuilt request once: wrk -s once.lua URL -- requests.raw
-- The file holds whole requests, each after eight digits that tell its length: a Lua table of so many would be more
-- constants than LuaJIT allows. `wrong` counts what had to be sent a second time because the list was too short.
wrong = 0
local made, count, last = {}, 0, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  while true do
    local length = file:read(8)
    if not length then break end
    count = count + 1
    made[count] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  last = last + 1
  if last > count then
    wrong = wrong + 1
    return made[(last - 1) % count + 1]
  end
  return made[last]
end

dofile(((debug.getinfo(1, "S").source:sub(2)):match("^(.*)/") or ".") .. "/report.lua")
