#include "orchestrator/plan/plan.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mxswitch::fuzz::require;
  const auto plan =
      mxswitch::orchestrator::parse_plan(mxswitch::fuzz::as_text({data, size}), "p.toml");
  if (!plan) {
    require(plan.error().where.starts_with("p.toml") && !plan.error().what.empty());
    return 0;
  }
  require(!plan->owners().empty());
  for (const std::string& contact : plan->contact_external) contact_fault(*plan, contact);
  return 0;
}
