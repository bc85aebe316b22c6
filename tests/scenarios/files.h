// The *.scn files of this folder, as the tests play them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mxswitch::monitor::simulation {

// Paths of all files of this folder, or of MXSWITCH_SCENARIOS, or of each SCENARIOS_STEP-th, in the
// order of their names.
std::vector<std::string> scenario_files();

std::string file_name(const std::string& path);  // without the folder

// For INSTANTIATE_TEST_SUITE_P over scenario_files().
std::string test_name(const testing::TestParamInfo<std::string>& path);

}  // namespace mxswitch::monitor::simulation
