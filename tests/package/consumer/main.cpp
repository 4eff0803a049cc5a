#include <iostream>

#include "tha4/base/command.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/poser.h"

int main() {
  std::cout << "tha4 " << tha4::version() << ", first of " << tha4::kPoseSize
            << " pose parameters: " << tha4::pose_parameters()[0].name << '\n';
}
