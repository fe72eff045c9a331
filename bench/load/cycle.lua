-- Cycles through prebuilt requests: wrk -s cycle.lua URL -- requests.lua
-- The requests are formatted once, so that the load generator costs as little as it can.
local made, last = {}, 0

function init(arguments)
  for index, asked in ipairs(dofile(arguments[1])) do
    made[index] = wrk.format(asked.method, asked.path, asked.headers, asked.body)
  end
end

function request()
  last = last % #made + 1
  return made[last]
end

dofile(((debug.getinfo(1, "S").source:sub(2)):match("^(.*)/") or ".") .. "/report.lua")
