#include "tests/scenarios/files.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace mxswitch::monitor::simulation {

std::vector<std::string> scenario_files() {
  std::vector<std::string> paths;
  const char* other = std::getenv("MXSWITCH_SCENARIOS");
  for (const auto& entry : std::filesystem::directory_iterator(other ? other : SCENARIOS_DIR))
    if (entry.path().extension() == ".scn") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < paths.size(); i += SCENARIOS_STEP) taken.push_back(paths[i]);
  return taken;
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string test_name(const testing::TestParamInfo<std::string>& path) {
  std::string name = std::filesystem::path(path.param).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

}  // namespace mxswitch::monitor::simulation
