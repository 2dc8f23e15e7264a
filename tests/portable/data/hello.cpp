#include <string>
#include <vector>

std::string
join(const std::vector<std::string> &all)
{
	std::string text;
	for (const auto &one : all) {
		text += one;
	}
	return text;
}
